package dev.jloop.transports;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Damages what a TLS side sends, in ways that reach far: mostly a field of a record, sometimes the
/// order of records, sometimes anything. The same seed gives the same damage.
final class TlsMutator {
    private static final int HEADER_BYTES = 5;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int[] TYPES = {0, 20, ALERT, HANDSHAKE, APPLICATION_DATA, 24, 128, 255};
    private static final int[] LENGTHS = {
        0, 1, 2, 3, 255, 256, 16_384, 16_385, 18_432, 18_433, 65_535
    };

    private final Random random;

    TlsMutator(Random random) {
        this.random = random;
    }

    /// {@return the bytes with one to three kinds of damage}
    byte[] mutate(byte[] flight) {
        var mutated = flight;
        var times = 1 + random.nextInt(3);
        for (var time = 0; time < times; time++) {
            mutated = mutateOnce(mutated);
        }
        return mutated;
    }

    private byte[] mutateOnce(byte[] bytes) {
        if (bytes.length == 0) {
            return garbage(1 + random.nextInt(100));
        }
        return switch (random.nextInt(16)) {
            case 0, 1 -> withBitFlipped(bytes);
            case 2, 3 -> withByte(bytes);
            case 4, 5 -> withNumber(bytes);
            case 6 -> without(bytes);
            case 7 ->
                    with(bytes, random.nextInt(bytes.length + 1), garbage(1 + random.nextInt(64)));
            case 8 -> repeating(bytes);
            case 9 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 10 -> withRecordHeader(bytes);
            case 11 -> reordered(bytes);
            case 12 -> fragmented(bytes, 1 + random.nextInt(40));
            case 13 -> withRecord(bytes, record(TYPES[random.nextInt(TYPES.length)], new byte[0]));
            case 14 -> withRecord(bytes, alert());
            default -> garbage(1 + random.nextInt(300));
        };
    }

    private byte[] garbage(int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] withBitFlipped(byte[] bytes) {
        var copy = bytes.clone();
        copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        return copy;
    }

    private byte[] withByte(byte[] bytes) {
        var copy = bytes.clone();
        copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        return copy;
    }

    /// Most fields of two bytes are lengths.
    private byte[] withNumber(byte[] bytes) {
        var copy = bytes.clone();
        if (copy.length >= 2) {
            var at = random.nextInt(copy.length - 1);
            ByteBuffer.wrap(copy).putShort(at, (short) LENGTHS[random.nextInt(LENGTHS.length)]);
        }
        return copy;
    }

    private byte[] without(byte[] bytes) {
        var from = random.nextInt(bytes.length);
        var to = Math.min(bytes.length, from + 1 + random.nextInt(32));
        return joined(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, to, bytes.length));
    }

    private byte[] repeating(byte[] bytes) {
        var from = random.nextInt(bytes.length);
        var to = Math.min(bytes.length, from + 1 + random.nextInt(200));
        return with(bytes, to, Arrays.copyOfRange(bytes, from, to));
    }

    private byte[] withRecordHeader(byte[] bytes) {
        var copy = bytes.clone();
        var at = 0;
        for (var skipped = random.nextInt(4); skipped > 0; skipped--) {
            at = nextRecord(copy, at);
        }
        if (at + HEADER_BYTES <= copy.length) {
            switch (random.nextInt(4)) {
                case 0 -> copy[at] = (byte) TYPES[random.nextInt(TYPES.length)];
                case 1 -> copy[at + 1] = (byte) random.nextInt(256);
                case 2 -> copy[at + 2] = (byte) random.nextInt(256);
                default -> {
                    var length = (short) LENGTHS[random.nextInt(LENGTHS.length)];
                    ByteBuffer.wrap(copy).putShort(at + 3, length);
                }
            }
        }
        return copy;
    }

    private byte[] reordered(byte[] bytes) {
        var records = records(bytes);
        if (records.size() > 1 && random.nextBoolean()) {
            Collections.shuffle(records, random);
        } else {
            records.add(random.nextInt(records.size() + 1), records.getFirst());
        }
        return joined(records.toArray(byte[][]::new));
    }

    private byte[] withRecord(byte[] bytes, byte[] more) {
        var records = records(bytes);
        var at = random.nextInt(records.size() + 1);
        var times = 1 + random.nextInt(20);
        for (var time = 0; time < times; time++) {
            records.add(at, more);
        }
        return joined(records.toArray(byte[][]::new));
    }

    private byte[] alert() {
        return record(ALERT, new byte[] {(byte) random.nextInt(3), (byte) random.nextInt(121)});
    }

    private static byte[] with(byte[] bytes, int at, byte[] more) {
        return joined(Arrays.copyOf(bytes, at), more, Arrays.copyOfRange(bytes, at, bytes.length));
    }

    /// {@return the handshake records of a flight, each in records of a few bytes}
    static byte[] fragmented(byte[] flight, int most) {
        var all = new ByteArrayOutputStream();
        for (var record : records(flight)) {
            if (record.length <= HEADER_BYTES || record[0] != HANDSHAKE) {
                all.writeBytes(record);
                continue;
            }
            for (var at = HEADER_BYTES; at < record.length; at += most) {
                var end = Math.min(record.length, at + most);
                all.writeBytes(record(HANDSHAKE, Arrays.copyOfRange(record, at, end)));
            }
        }
        return all.toByteArray();
    }

    /// {@return an unencrypted record}
    static byte[] record(int type, byte[] payload) {
        return ByteBuffer.allocate(HEADER_BYTES + payload.length)
                .put((byte) type)
                .putShort((short) 0x0303)
                .putShort((short) payload.length)
                .put(payload)
                .array();
    }

    /// Cuts where records end, as far as the lengths in their headers make sense.
    private static List<byte[]> records(byte[] bytes) {
        var records = new ArrayList<byte[]>();
        for (var at = 0; at < bytes.length; at = nextRecord(bytes, at)) {
            records.add(Arrays.copyOfRange(bytes, at, nextRecord(bytes, at)));
        }
        return records;
    }

    private static int nextRecord(byte[] bytes, int at) {
        if (at + HEADER_BYTES > bytes.length) {
            return bytes.length;
        }
        var length = ByteBuffer.wrap(bytes).getShort(at + 3) & 0xffff;
        return Math.min(bytes.length, at + HEADER_BYTES + length);
    }

    static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
