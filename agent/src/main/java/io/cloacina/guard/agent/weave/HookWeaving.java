// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import io.cloacina.guard.agent.format.ClassEditor;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Weaves one class with {@link HookTemplate}s, as {@link Weaving} would with Byte Buddy: a test compares the two for every
 * class of every JDK there is.
 */
final class HookWeaving {

    private final byte[] all;
    /** By the row and what else the code depends on: where each begins. */
    private final Map<String, Integer> places = new HashMap<>();

    /** @param all as {@link HookTemplateMaker} made them */
    HookWeaving(byte[] all) {
        this.all = all;
        HookTemplate.Reader reader = new HookTemplate.Reader(all, 0);
        for (int left = reader.number(); left > 0; left--) {
            String key = reader.text();
            places.put(key, reader.leaveOut());
        }
    }

    /** @return null if the pack has no templates */
    static @Nullable HookWeaving ofPack() {
        byte[] all = ((GuardClassLoader) HookWeaving.class.getClassLoader()).read(HookTemplate.FILE);
        return all == null ? null : new HookWeaving(all);
    }

    static String key(EntryPoint entry, String descriptor, boolean isStatic) {
        return entry.name() + (isStatic ? " static " : " ") + descriptor;
    }

    /**
     * Null if a row has no template, or the method has what the templates are not made for: then Byte Buddy has to do it.
     *
     * @param bytes the class file
     */
    @Nullable
    WeavingResult weave(List<EntryPoint> entries, byte[] bytes) {
        try {
            ClassEditor file = new ClassEditor(bytes);
            List<EntryPoint> matched = new ArrayList<>();
            for (EntryPoint entry : entries) {
                LibraryCall call = entry.call();
                if (call != null) {
                    if (!weaveCalls(entry, call, file, matched)) {
                        return null;
                    }
                    continue;
                }
                byte[] name = entry.method().getBytes(StandardCharsets.US_ASCII);
                for (int method = 0; method < file.methodCount(); method++) {
                    if (!file.hasName(method, name)) {
                        continue;
                    }
                    String descriptor = file.descriptor(method);
                    if (!entry.matches(entry.method(), descriptor)) {
                        continue;
                    }
                    Integer place = places.get(key(entry, descriptor, Modifier.isStatic(file.accessFlags(method))));
                    if (place == null) {
                        return null;
                    }
                    HookTemplate template = new HookTemplate.Reader(all, place).template();
                    if (!new MovedBody(file, method, template).exchange()) {
                        return null;
                    }
                    matched.add(entry);
                }
            }
            return new WeavingResult(file.toBytes(), matched);
        } catch (IndexOutOfBoundsException e) {
            // More constants, code or variables than a class file can have; Byte Buddy says which.
            return null;
        }
    }

    private static boolean weaveCalls(EntryPoint entry, LibraryCall call, ClassEditor file, List<EntryPoint> matched) {
        int called = file.calledMethod(call.owner(), call.method(), call.parameters());
        for (int method = 0; called != 0 && method < file.methodCount(); method++) {
            MovedBody body = new MovedBody(file, method, HookTemplate.empty());
            int calls = body.passArgumentsOf(call, called);
            if (calls > 0 && !body.exchange()) {
                return false;
            }
            for (; calls > 0; calls--) {
                matched.add(entry);
            }
        }
        return true;
    }
}
