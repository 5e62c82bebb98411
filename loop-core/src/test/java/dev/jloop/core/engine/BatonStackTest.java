package dev.jloop.core.engine;

class BatonStackTest extends CoroutineStackContract {
    @Override
    CoroutineEngine engine() {
        return Engines.choose(Engines.BATON);
    }
}
