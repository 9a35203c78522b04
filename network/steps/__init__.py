"""The steps of an organisation's life in the consortium, one file a step, all behind `steps.step.Step`. Each is taken
*for one organisation*, with its own folder and the files that others have sent it; each looks before it acts, so that
it is safe to repeat and goes on where an interrupted run ended."""
