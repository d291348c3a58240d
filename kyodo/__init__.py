"""What the dashboard knows: the plan's tables, the surveys, the judgement, the committee's documents."""
