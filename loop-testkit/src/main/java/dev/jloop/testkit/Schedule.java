package dev.jloop.testkit;

/// How a seed decides in which order things run that are ready in the same turn: the steps of
/// tasks, and callbacks between them, which keep their own order.
///
/// Neither finds everything: use both where it matters.
///
/// @since 0.1
public enum Schedule {
    /// Every order of a turn is as likely as any other. Good at bugs that show when some few steps
    /// come in an unusual order.
    RANDOM,
    /// Each task has a priority that it keeps, and at a few places of the run the one that would go
    /// first falls behind all others. Good at bugs for which one task has to be ahead of another
    /// for many turns, which random orders make as unlikely as as many throws of a coin.
    ///
    /// The number of such places is one less than the depth, see [LoopTest#depth()]. After "A
    /// randomized scheduler with probabilistic guarantees of finding bugs" by Burckhardt and
    /// others, 2010.
    PCT
}
