package dev.jloop.benchmarks.sidebyside;

import java.util.List;

/// What was seen under one kind of load.
///
/// @param title the load in words
/// @param cell the load
/// @param baseline the server that others are compared with
/// @param results in the order of the table
public record CellResult(String title, Cell cell, String baseline, List<Result> results) {}
