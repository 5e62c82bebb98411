package dev.jloop.testkit;

/// Says what runs next. One of these makes a schedule.
@FunctionalInterface
interface Chooser {
    /// First in, first out.
    Chooser FIFO = (_, _) -> 0;

    /// Chooses what runs next.
    ///
    /// @param choice how many choices there were before, in this run
    /// @param ready at least two, among them a step of a task
    /// @return a position in `ready`
    int choose(int choice, ReadyChoices ready);
}
