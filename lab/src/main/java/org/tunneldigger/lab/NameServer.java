// SPDX-License-Identifier: Apache-2.0
package org.tunneldigger.lab;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A DNS server with a few records of its own (RFC 1035, RFC 2782), which may be made to fail in the ways that name servers do. A
 * thread of its own answers.
 */
public final class NameServer implements AutoCloseable {
    /** What a question comes to. */
    public enum Mood {
        ANSWERS,
        /** The question vanishes: the server, or the way there, is dead. */
        SILENT,
        /** The server answers that it can't say (SERVFAIL), as a resolver does whose own uplink is down. */
        FAILS
    }

    private static final int PORT = 53;
    private static final int TTL_SECONDS = 1;

    private static final int TYPE_A = 1;
    private static final int TYPE_AAAA = 28;
    private static final int TYPE_SRV = 33;
    private static final int CLASS_IN = 1;

    private static final int HEADER = 12;
    private static final int RESPONSE = 0x8580; // an answer, authoritative, recursion wanted and to be had
    private static final int SERVER_FAILURE = 2;
    private static final int NO_SUCH_NAME = 3;
    private static final int NAME_OF_THE_QUESTION = 0xC000 | HEADER;

    private record Data(int type, byte[] bytes) {}

    private record Question(String name, int type, int end) {}

    private final String address;
    private final DatagramChannel channel;
    private final Map<String, List<Data>> records = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private final Thread thread;
    private volatile Mood mood = Mood.ANSWERS;

    private NameServer(String address, DatagramChannel channel) {
        this.address = address;
        this.channel = channel;
        thread = new Thread(this::serve, "name server " + address);
        thread.setDaemon(true);
    }

    static NameServer open(Namespace where, String address) {
        var server = new NameServer(
                address,
                where.call(() -> DatagramChannel.open(StandardProtocolFamily.INET)
                        .bind(new InetSocketAddress(InetAddress.getByName(address), PORT))));
        server.thread.start();
        return server;
    }

    /** Where it listens, on port 53. */
    public String address() {
        return address;
    }

    public NameServer mood(Mood newMood) {
        mood = newMood;
        return this;
    }

    /** How many questions came so far, answered or not. */
    public int questions() {
        return questions.get();
    }

    /** Adds an A or AAAA record for each of the addresses. */
    public NameServer host(String name, String... addresses) {
        for (String text : addresses) {
            try {
                byte[] bytes = InetAddress.getByName(text).getAddress();
                add(name, new Data(bytes.length == 4 ? TYPE_A : TYPE_AAAA, bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return this;
    }

    /** Adds a SRV record. */
    public NameServer service(String name, int priority, int weight, int port, String target) {
        add(name, new Data(TYPE_SRV, written(out -> {
            out.writeShort(priority);
            out.writeShort(weight);
            out.writeShort(port);
            writeName(out, target);
        })));
        return this;
    }

    private void add(String name, Data data) {
        records.merge(name.toLowerCase(Locale.ROOT), List.of(data), (old, fresh) -> {
            var both = new ArrayList<>(old);
            both.addAll(fresh);
            return List.copyOf(both);
        });
    }

    private void serve() {
        ByteBuffer buffer = ByteBuffer.allocate(1_500);
        try {
            while (true) {
                SocketAddress from = channel.receive(buffer.clear());
                questions.incrementAndGet();
                buffer.flip();
                if (mood != Mood.SILENT && buffer.remaining() > HEADER) {
                    channel.send(ByteBuffer.wrap(answer(buffer)), from);
                }
            }
        } catch (AsynchronousCloseException e) {
            // closed in the midst of waiting
        } catch (ClosedChannelException e) {
            // closed
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] answer(ByteBuffer packet) {
        Question question = question(packet);
        List<Data> ofName = records.getOrDefault(question.name(), List.of());
        List<Data> wanted = mood == Mood.FAILS
                ? List.of()
                : ofName.stream().filter(data -> data.type() == question.type()).toList();
        int code = mood == Mood.FAILS ? SERVER_FAILURE : ofName.isEmpty() ? NO_SUCH_NAME : 0;
        return written(out -> {
            out.writeShort(packet.getShort(0));
            out.writeShort(RESPONSE | code);
            out.writeShort(1);
            out.writeShort(wanted.size());
            out.writeInt(0);
            out.write(packet.array(), HEADER, question.end() - HEADER);
            for (Data data : wanted) {
                out.writeShort(NAME_OF_THE_QUESTION);
                out.writeShort(data.type());
                out.writeShort(CLASS_IN);
                out.writeInt(TTL_SECONDS);
                out.writeShort(data.bytes().length);
                out.write(data.bytes());
            }
        });
    }

    private static Question question(ByteBuffer packet) {
        var name = new StringBuilder();
        int at = HEADER;
        while (packet.get(at) != 0) {
            int length = packet.get(at) & 63;
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(packet.array(), at + 1, length, StandardCharsets.US_ASCII));
            at += 1 + length;
        }
        return new Question(name.toString().toLowerCase(Locale.ROOT), packet.getShort(at + 1), at + 5);
    }

    private static void writeName(DataOutputStream out, String name) throws IOException {
        for (String label : name.split("\\.")) {
            out.writeByte(label.length());
            out.write(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeByte(0);
    }

    @FunctionalInterface
    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        var bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
