"""The members of the programme and their accounts on the networks."""
