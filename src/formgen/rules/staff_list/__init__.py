"""What the assessment demands of the staff list, by subject, and that the list is in order."""
