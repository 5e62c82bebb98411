/// The event loop of jloop: callbacks, timers, futures, tasks, coroutines and synchronisation.
module dev.jloop.core {
    requires org.slf4j;
    requires static transitive org.jspecify;
    // Signal handlers live in this module; they are looked up by reflection, as not every JDK has
    // them.
    requires jdk.unsupported;
    // The baton engine asks how many classes were loaded.
    requires java.management;
    // The watchdog asks a thread dump who holds a lock.
    requires jdk.management;
    // Loops and tasks tell the flight recorder of themselves.
    requires jdk.jfr;

    exports dev.jloop.core;
    exports dev.jloop.core.spi;
    exports dev.jloop.core.sync;
}
