package dev.jloop.testkit;

/// What a chooser may choose from, in the order of arrival. Of the callbacks only the first may
/// run, because they keep their order; a choice of another one counts as a choice of the first.
interface ReadyChoices {
    int count();

    Arrival at(int position);
}
