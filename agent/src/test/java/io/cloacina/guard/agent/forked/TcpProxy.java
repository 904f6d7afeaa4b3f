// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands before a server on this machine, and can cut its lines, let them hang, and mend them. */
final class TcpProxy implements AutoCloseable {

    enum State {
        WORKS,
        /** Connections are closed at once. */
        CUT,
        /** Connections are taken, and nothing ever comes back. */
        HANGS
    }

    private final ServerSocket door;
    private final int target;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile State state = State.WORKS;

    TcpProxy(int target) throws IOException {
        this.target = target;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    void become(State next) throws IOException {
        state = next;
        for (Socket socket : open) {
            if (next != State.HANGS) {
                socket.close();
            }
        }
        if (next != State.HANGS) {
            open.clear();
        }
    }

    private static void daemon(Runnable body) {
        Thread thread = new Thread(body, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                open.add(client);
                if (state == State.CUT) {
                    client.close();
                } else if (state == State.WORKS) {
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                    open.add(server);
                    daemon(() -> pump(client, server));
                    daemon(() -> pump(server, client));
                }
            }
        } catch (IOException e) {
            // The door was closed: the test is over.
            return;
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (state == State.HANGS) {
                    continue;
                }
                out.write(buffer, 0, n);
                out.flush();
            }
            to.close();
        } catch (IOException e) {
            // One side hung up; the other is told so.
            try {
                to.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
        }
    }

    @Override
    public void close() throws IOException {
        become(State.CUT);
        door.close();
    }
}
