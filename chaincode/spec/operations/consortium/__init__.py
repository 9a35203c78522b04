"""The consortium itself: its opening, its merchants, what they may owe one another."""
