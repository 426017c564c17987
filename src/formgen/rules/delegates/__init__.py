"""What the making of a congress must show: its delegates, and how they were found."""
