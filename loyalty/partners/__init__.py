"""Who hands rewards out: partners, their places and their enrolled devices."""
