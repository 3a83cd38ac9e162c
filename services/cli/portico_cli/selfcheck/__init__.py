"""`portico check`: are the guards of this installation in force? Configuration read, every guard tried, graded."""
