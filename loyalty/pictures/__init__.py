"""Pictures that staff upload: looked at, made anew, kept in the database."""
