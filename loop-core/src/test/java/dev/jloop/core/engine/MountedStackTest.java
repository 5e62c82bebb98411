package dev.jloop.core.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;

class MountedStackTest extends CoroutineStackContract {
    @BeforeEach
    void assumeTheFlag() {
        assumeTrue(MountedEngineTest.isOpen(), MountedEngineTest.NEEDED);
    }

    @Override
    CoroutineEngine engine() {
        return Engines.choose(Engines.MOUNTED);
    }
}
