// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A real PgBouncer in transaction mode in front of {@link PostgresServer}, as Debian's package {@code pgbouncer} has it. */
final class PgBouncer implements AutoCloseable {

    private static final List<Path> PLACES =
            List.of(Path.of("/usr/sbin/pgbouncer"), Path.of("/usr/bin/pgbouncer"), Path.of("/usr/local/bin/pgbouncer"));

    private final Process process;
    private final Path folder;
    private final int port;

    private PgBouncer(Process process, Path folder, int port) {
        this.process = process;
        this.folder = folder;
        this.port = port;
    }

    /** Whether there is one on this machine. */
    static boolean isThere() {
        return program() != null;
    }

    private static Path program() {
        return PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
    }

    /**
     * @param poolSize how many connections it has to the server for each database and user
     * @param user whom the server knows the connections as
     */
    static PgBouncer start(String database, String user, int poolSize) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path folder = Files.createTempDirectory("pgbouncer");
        Path users = Files.writeString(folder.resolve("users.txt"), "\"" + user + "\" \"secret\"\n");
        Path settings = Files.writeString(
                folder.resolve("pgbouncer.ini"),
                String.join(
                        "\n",
                        "[databases]",
                        database + " = host=127.0.0.1 port=" + PostgresServer.port(),
                        "[pgbouncer]",
                        "pool_mode = transaction",
                        "listen_addr = 127.0.0.1",
                        "listen_port = " + port,
                        "unix_socket_dir =",
                        "auth_type = plain",
                        "auth_file = " + users,
                        "default_pool_size = " + poolSize,
                        ""));
        List<String> command = new ArrayList<>(List.of(program().toString(), settings.toString()));
        if (System.getProperty("user.name").equals("root")) {
            // It does not work for root.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            command.addAll(1, List.of("-u", "nobody"));
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(new File(folder.toFile(), "log"))
                .start();
        PgBouncer bouncer = new PgBouncer(process, folder, port);
        bouncer.awaitListening();
        return bouncer;
    }

    private void awaitListening() throws IOException, InterruptedException {
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException(Files.readString(folder.resolve("log")), e);
                }
                Thread.onSpinWait();
            }
        }
    }

    int port() {
        return port;
    }

    String address(String database, String user, String parameters) {
        return "postgres://" + user + ":secret@127.0.0.1:" + port + "/" + database + parameters;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
