package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.Service;

import java.util.List;

/// One kind of load, under which all servers are compared.
///
/// @param service what is asked for
/// @param bytes the size of an echoed message
/// @param connections how many at once
/// @param underWay how many messages of one connection are sent before the first answer is needed
public record Cell(Service service, int bytes, int connections, int underWay) {
    private static final int KIB = 1024;

    static final List<Cell> ALL =
            List.of(
                    echo(KIB, 10, 1),
                    echo(KIB, 1000, 1),
                    echo(10 * KIB, 10, 1),
                    echo(100 * KIB, 10, 1),
                    echo(KIB, 10, 16),
                    http(10),
                    http(1000));

    static final List<Cell> QUICK = List.of(echo(KIB, 10, 1), echo(KIB, 1000, 1), http(10));

    /// Under which one loop is compared with two.
    static final Cell SCALING = echo(KIB, 100, 1);

    private static Cell echo(int bytes, int connections, int underWay) {
        return new Cell(Service.ECHO, bytes, connections, underWay);
    }

    private static Cell http(int connections) {
        return new Cell(Service.HTTP, 0, connections, 1);
    }

    /// {@return the cell in words, such as `echo 1 KiB, 10 connections, 16 pipelined`}
    public String title() {
        var size = service == Service.ECHO ? " " + bytes / KIB + " KiB" : "";
        var pipelined = underWay > 1 ? ", " + underWay + " pipelined" : "";
        return service.word() + size + ", " + connections + " connections" + pipelined;
    }
}
