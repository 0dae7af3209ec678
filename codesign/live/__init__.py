"""The socket server: follows the log of every watched space and tells screens what moved.

It never learns of a change in any other way, so commits of the worker, a command or another process appear all the same.
What is watched, what a person may see and what a tally is, it is told by functions the rooms give it in ``codesign.app``.
"""
