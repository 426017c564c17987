"""What the school's own documents must say, and that they do not contradict each other or the forms."""
