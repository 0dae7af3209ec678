"""Pictures: what people show beside what they write.

A *picture* is a file somebody sent, checked and written anew, so that nothing of the file itself survives: not its
format, not where it was taken, not what was hidden behind its end. It belongs to a space and to whoever sent it. A
*use* says that a text names it; whoever may read one of these texts may see the picture, and nobody else but its
owner. What no text names is thrown away after a day.

Announces nothing: what only its owner sees is nobody else's news, and the text that shows it has an event of its own.
"""
