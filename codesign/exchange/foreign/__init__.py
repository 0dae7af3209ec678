"""Ideas of other systems: a table of theirs becomes rows, rows become ideas.

``sheets`` reads a file as a table, ``formats`` knows whose table it is and which column says what, ``rows`` turns the
table into ideas and says what is wrong with which line, ``planning`` says what would happen, ``storing`` does it in short
steps, ``jobs`` keep an uploaded file until the worker is through with it.
"""
