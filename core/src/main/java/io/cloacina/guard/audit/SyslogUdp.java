// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/**
 * Syslog over UDP (RFC 5426): one message a datagram.
 *
 * <p>Nothing tells that a datagram has arrived. That no receiver listens is known where the other machine says so (port
 * unreachable), which is then the failure of the event that is written when that is known.
 */
final class SyslogUdp implements AuditSink {

    private final String name;
    private final String host;
    private final int port;
    private final ByteBuffer answer = ByteBuffer.allocate(1);
    private @Nullable Syslog syslog;
    private @Nullable DatagramChannel channel;

    SyslogUdp(String name, String host, int port) {
        this.name = name;
        this.host = host;
        this.port = port;
    }

    @Override
    public void write(EncodedEvent event) throws IOException {
        if (syslog == null) {
            syslog = new Syslog();
        }
        boolean done = false;
        try {
            if (channel == null) {
                channel = DatagramChannel.open();
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(InetAddress.getByName(host), port));
            }
            IOException before = pending(channel);
            byte[] message = syslog.message(event);
            if (channel.write(ByteBuffer.wrap(message)) != message.length) {
                throw new IOException("the network takes no more");
            }
            IOException after = pending(channel);
            // Closing would lose the answer to this datagram, which is what the next one's fate is known by.
            done = true;
            if (before != null || after != null) {
                throw new IOException("nothing listens at [" + host + ":" + port + "]", after == null ? before : after);
            }
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** What became known of datagrams that were sent before; null if nothing. */
    private @Nullable IOException pending(DatagramChannel open) {
        try {
            answer.clear();
            open.read(answer);
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
