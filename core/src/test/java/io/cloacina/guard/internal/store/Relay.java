// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A cable to a server on this machine that can be held or cut. */
final class Relay implements AutoCloseable {

    private final int target;
    private final ServerSocket entry;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private boolean held;

    Relay(int target) throws IOException {
        this.target = target;
        this.entry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return entry.getLocalPort();
    }

    /** From now on nothing gets through, and nobody is told. */
    synchronized void hold() {
        held = true;
    }

    synchronized void release() {
        held = false;
        notifyAll();
    }

    /** Ends all present connections. */
    void cut() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = entry.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                start(() -> carry(client, server));
                start(() -> carry(server, client));
            }
        } catch (IOException e) {
            // The entry was closed: the test is over.
            return;
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                waitWhileHeld();
                out.write(buffer, 0, length);
            }
        } catch (IOException | InterruptedException e) {
            // One end is gone; leaving the block closes the other.
            return;
        }
    }

    private synchronized void waitWhileHeld() throws InterruptedException {
        while (held) {
            wait();
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        entry.close();
        cut();
        release();
    }
}
