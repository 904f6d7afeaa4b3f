// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Syslog over TCP with octet counting (RFC 6587, section 3.4.1): {@code LENGTH SP MESSAGE}. Not encrypted.
 *
 * <p>An event counts as written when the operating system has taken it; the protocol has no answers. A connection that
 * the server has ended is noticed before the next event and opened anew; what was on its way then is lost. After an event
 * that was not taken in time the connection is closed, so that no half message is followed by a whole one, and for as
 * long again as that took nothing is tried: otherwise every event would wait in vain.
 */
final class SyslogTcp implements AuditSink {

    private static final int SEND_BUFFER_BYTES = 64 << 10;

    private final String name;
    private final String host;
    private final int port;
    private final long timeoutNanos;
    private final ByteBuffer answer = ByteBuffer.allocate(256);
    private @Nullable Syslog syslog;
    private @Nullable SocketChannel channel;
    private @Nullable Selector selector;
    private @Nullable String trouble;
    private long notBefore;

    /** @param timeoutNanos bound on connecting and writing together */
    SyslogTcp(String name, String host, int port, long timeoutNanos) {
        this.name = name;
        this.host = host;
        this.port = port;
        this.timeoutNanos = timeoutNanos;
    }

    @Override
    public void write(EncodedEvent event) throws IOException {
        if (syslog == null) {
            syslog = new Syslog();
        }
        long start = System.nanoTime();
        if (trouble != null && start - notBefore < 0) {
            throw new IOException(trouble);
        }
        boolean done = false;
        try {
            if (channel != null && isEnded()) {
                close();
            }
            if (channel == null) {
                connect(start + timeoutNanos);
            }
            byte[] message = syslog.message(event);
            byte[] count = (message.length + " ").getBytes(StandardCharsets.US_ASCII);
            ByteBuffer frame = ByteBuffer.allocate(count.length + message.length);
            frame.put(count).put(message).flip();
            while (open().write(frame) >= 0 && frame.hasRemaining()) {
                await(SelectionKey.OP_WRITE, start + timeoutNanos, "does not read");
            }
            trouble = null;
            done = true;
        } catch (IOException e) {
            long now = System.nanoTime();
            trouble = e.getMessage() == null ? e.toString() : e.getMessage();
            notBefore = now + (now - start);
            throw e;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private SocketChannel open() {
        return Objects.requireNonNull(channel, "it is connected before");
    }

    private void connect(long deadline) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        channel = SocketChannel.open();
        selector = Selector.open();
        channel.configureBlocking(false);
        // What waits here when the server dies is lost, so little may.
        channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
        channel.register(selector, 0);
        if (!channel.connect(address)) {
            do {
                await(SelectionKey.OP_CONNECT, deadline, "does not answer");
            } while (!channel.finishConnect());
        }
    }

    private void await(int operation, long deadline, String problem) throws IOException {
        Selector waiting = Objects.requireNonNull(selector);
        open().keyFor(waiting).interestOps(operation);
        long restMillis = (deadline - System.nanoTime()) / 1_000_000;
        if (restMillis <= 0) {
            throw new IOException("[" + host + ":" + port + "] " + problem);
        }
        waiting.select(restMillis);
        waiting.selectedKeys().clear();
    }

    /** Whether the server has closed the connection. A syslog server says nothing; should one, that is dropped. */
    private boolean isEnded() {
        try {
            int read = 1;
            while (read > 0) {
                answer.clear();
                read = open().read(answer);
            }
            return read < 0;
        } catch (IOException e) {
            // A reset is an end too, and the next connection shows what is behind it.
            return true;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        SocketChannel socket = channel;
        Selector waiting = selector;
        channel = null;
        selector = null;
        try {
            if (waiting != null) {
                waiting.close();
            }
        } finally {
            if (socket != null) {
                socket.close();
            }
        }
    }
}
