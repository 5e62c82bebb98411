package dev.jloop.testkit;

import java.util.ArrayList;
import java.util.List;

/// One lane of a timeline: a line for messages and marks, and below it rows of bars that do not
/// overlap.
final class TimelineLane {
    /// A task and where it is drawn.
    ///
    /// @param row counted from 0
    /// @param label where its name stands
    record Bar(RecordedTask task, int row, double x, double width, LabelPlace label) {}

    enum LabelPlace {
        INSIDE,
        AFTER,
        BEFORE
    }

    static final double ROW_HEIGHT = 19;
    private static final double WIRE_DEPTH = 26;
    private static final double FIRST_ROW_DEPTH = 44;
    private static final double BOTTOM_MARGIN = 12;
    private static final double LETTER_WIDTH = 6.4;
    private static final double GAP = 6;

    private final String name;
    private final double top;
    private final double right;
    private final List<Bar> bars = new ArrayList<>();

    /// How far each row is taken.
    private final List<Double> taken = new ArrayList<>();

    TimelineLane(String name, double top, double right) {
        this.name = name;
        this.top = top;
        this.right = right;
    }

    /// Puts a task into the first row with room for its bar and its name.
    void add(RecordedTask task, double from, double to) {
        var width = Math.max(2, to - from);
        var nameWidth = task.name().length() * LETTER_WIDTH + GAP;
        var label = placeOf(nameWidth, from, width);
        var start = label == LabelPlace.BEFORE ? from - nameWidth : from;
        var end = label == LabelPlace.AFTER ? from + width + nameWidth : from + width;
        var row = 0;
        while (row < taken.size() && taken.get(row) > start) {
            row++;
        }
        if (row == taken.size()) {
            taken.add(end);
        } else {
            taken.set(row, end);
        }
        bars.add(new Bar(task, row, from, width, label));
    }

    private LabelPlace placeOf(double nameWidth, double from, double width) {
        if (nameWidth + GAP <= width) {
            return LabelPlace.INSIDE;
        }
        return from + width + nameWidth <= right ? LabelPlace.AFTER : LabelPlace.BEFORE;
    }

    String name() {
        return name;
    }

    double top() {
        return top;
    }

    double bottom() {
        return rowY(taken.size()) + BOTTOM_MARGIN;
    }

    /// {@return where messages and marks are}
    double wireY() {
        return top + WIRE_DEPTH;
    }

    double rowY(int row) {
        return top + FIRST_ROW_DEPTH + row * ROW_HEIGHT;
    }

    List<Bar> bars() {
        return bars;
    }
}
