"""Vouchers, for those who help fans with them: found, told, stopped and given back."""
