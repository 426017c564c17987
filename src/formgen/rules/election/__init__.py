"""What an actual election of the presidium must show."""
