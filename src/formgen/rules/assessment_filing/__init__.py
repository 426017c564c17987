"""What the assessment filing itself must say: conclusions, remarks, wording."""
