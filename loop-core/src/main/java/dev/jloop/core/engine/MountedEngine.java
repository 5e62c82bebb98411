package dev.jloop.core.engine;

/// Coroutines that are mounted on the loop's own thread: the loop is the scheduler of their virtual
/// threads. Needs `java.lang` opened to this module.
final class MountedEngine implements CoroutineEngine {
    /// {@return the engine}
    ///
    /// @throws EngineUnavailableException if `java.lang` is not open, or this JDK lacks what it
    ///   needs
    static MountedEngine open() {
        VirtualThreadAccess.open();
        return new MountedEngine();
    }

    private MountedEngine() {}

    @Override
    public String name() {
        return Engines.MOUNTED;
    }

    @Override
    public Coroutine create(String name, Coroutine.Body body) {
        return new MountedCoroutine(name, body);
    }

    /// The JDK mounts virtual threads on platform threads only.
    @Override
    public void host(Runnable body) {
        if (Thread.currentThread().isVirtual()) {
            HostThread.runAndJoin(Thread.ofPlatform().name("jloop-host").daemon(), body);
        } else {
            body.run();
        }
    }
}
