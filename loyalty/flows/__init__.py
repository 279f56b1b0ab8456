"""What happens, told step by step: each flow orders the steps of several stages in one transaction."""
