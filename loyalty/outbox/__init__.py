"""What must be told to the outside once the transaction that decided it is committed."""
