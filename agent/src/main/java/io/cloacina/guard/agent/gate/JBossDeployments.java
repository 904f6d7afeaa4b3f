// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which archives {@code vfs:/content/hello.war/…} may name on WildFly and JBoss EAP. A deployment is kept in the server's
 * repository, copied to a temporary file, unpacked from that by {@code java.util.zip}, and the temporary file deleted. What
 * this JVM has opened is gone by the time a class is defined; but it tells where the server's directories are.
 *
 * <p>System properties would tell too, but an application can have put its own object in their place.
 */
final class JBossDeployments {

    private static final String DEPLOYMENT = "vfs:/content/";

    private static final String DROPPED = "deployments";

    private static final String TEMPORARY = File.separator + "tmp" + File.separator + "vfs" + File.separator;

    /** Deployments of one server that are looked at. */
    private static final int MOST = 1000;

    private JBossDeployments() {}

    /** The server's directory if {@code path} is a temporary file of its deployments; else null. */
    static @Nullable String serverOf(String path) {
        int temporary = path.indexOf(TEMPORARY);
        return temporary < 0 ? null : path.substring(0, temporary);
    }

    /**
     * The archives that a class of this URL may have come from.
     *
     * @param url null if there is none
     * @param servers directories of servers
     */
    static List<String> archivesFor(@Nullable String url, Set<String> servers) {
        if (url == null || servers.isEmpty() || !url.startsWith(DEPLOYMENT)) {
            return List.of();
        }
        String name = name(url);
        Set<String> found = new LinkedHashSet<>();
        for (String server : servers) {
            // As it was dropped there by a person, with its detached signature beside it.
            File dropped = new File(new File(server, DROPPED), name);
            if (dropped.isFile()) {
                found.add(dropped.getPath());
            }
        }
        for (String server : servers) {
            addRepository(new File(new File(server, "data"), "content"), found);
        }
        return new ArrayList<>(found);
    }

    /** Whether {@code path} is the file that was dropped as the deployment of this URL. */
    static boolean isNamedBy(@Nullable String url, String path) {
        return url != null
                && url.startsWith(DEPLOYMENT)
                && path.endsWith(File.separator + DROPPED + File.separator + name(url));
    }

    private static String name(String url) {
        int end = url.indexOf('/', DEPLOYMENT.length());
        return end < 0 ? url.substring(DEPLOYMENT.length()) : url.substring(DEPLOYMENT.length(), end);
    }

    // Named by the SHA-1 of the content: content/bb/de3179…/content.
    private static void addRepository(File repository, Set<String> found) {
        for (String first : names(repository)) {
            File half = new File(repository, first);
            for (String second : names(half)) {
                File content = new File(new File(half, second), "content");
                if (found.size() < MOST && content.isFile()) {
                    found.add(content.getPath());
                }
            }
        }
    }

    private static String[] names(File directory) {
        String[] names = directory.list();
        return names == null ? new String[0] : names;
    }
}
