// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.decision.Cover;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * What the JARs of the command line's agents hold besides classes where loaders of the JDK look for them: JARs that the
 * agents extract to open them, and class files under names of their own. Covered, if the bytes are the same.
 */
final class AgentJars {

    private final List<Path> agents;
    private @Nullable Map<Long, List<Place>> bySize;

    /** @param zip stays open, as agents' classes are asked for one after the other */
    private record Place(Path agent, ZipFile zip, ZipEntry entry) {
        byte[] read() throws IOException {
            try (InputStream in = zip.getInputStream(entry)) {
                return in.readAllBytes();
            }
        }
    }

    AgentJars(List<Path> agents) {
        this.agents = agents;
    }

    /** The agent that holds the same bytes as {@code jar}; null if none does. */
    @Nullable
    Cover coverOf(Path jar, PackageHash hash) {
        for (Place place :
                agents.isEmpty() ? List.<Place>of() : places(jar.toFile().length())) {
            try {
                if (PackageHash.ofContent(place.read()).equals(hash)) {
                    return new Cover(place.agent().toString(), null, null);
                }
            } catch (IOException e) {
                // What cannot be read covers nothing.
            }
        }
        return null;
    }

    /** Whether {@code bytes} are those of an entry that is called as {@code className} is, with whatever ending. */
    boolean hold(String className, byte[] bytes) {
        String path = "/" + className.replace('.', '/') + ".";
        for (Place place : places(bytes.length)) {
            try {
                if (("/" + place.entry().getName()).contains(path) && Arrays.equals(place.read(), bytes)) {
                    return true;
                }
            } catch (IOException e) {
                // What cannot be read holds nothing.
            }
        }
        return false;
    }

    private synchronized List<Place> places(long sizeBytes) {
        Map<Long, List<Place>> index = bySize;
        if (index == null) {
            index = new HashMap<>();
            for (Path agent : agents) {
                index(agent, index);
            }
            bySize = index;
        }
        return index.getOrDefault(sizeBytes, List.of());
    }

    private static void index(Path agent, Map<Long, List<Place>> index) {
        try {
            ZipFile zip = new ZipFile(agent.toFile());
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (entry.isDirectory() || entry.getName().endsWith(".class")) {
                    continue;
                }
                List<Place> places = index.get(entry.getSize());
                if (places == null) {
                    places = new ArrayList<>(1);
                    index.put(entry.getSize(), places);
                }
                places.add(new Place(agent, zip, entry));
            }
        } catch (IOException | IllegalArgumentException e) {
            // What cannot be read, or has a name or comment that is not text, covers nothing.
            return;
        }
    }
}
