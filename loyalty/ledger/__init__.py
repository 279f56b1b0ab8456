"""The points ledger: knows holders, accounts and a cause, and nothing else."""
