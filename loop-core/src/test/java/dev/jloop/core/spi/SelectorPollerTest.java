package dev.jloop.core.spi;

class SelectorPollerTest extends PollerContract {
    @Override
    Poller open() {
        return SelectorPoller.open();
    }
}
