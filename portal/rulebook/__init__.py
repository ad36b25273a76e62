"""Policy as data: dated editions of limits, weights, quorums and the working calendar."""
