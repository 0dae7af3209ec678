"""The log of facts that happened. Written with the change, followed by screens, plugins and exports."""
