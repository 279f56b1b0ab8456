"""The figures of the programme as plots, each with its table and its file."""
