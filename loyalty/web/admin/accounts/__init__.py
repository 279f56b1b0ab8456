"""The accounts: what fans are owed, the months that are closed, and the files of whoever keeps the books."""
