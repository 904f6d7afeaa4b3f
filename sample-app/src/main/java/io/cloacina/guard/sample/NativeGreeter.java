// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample;

import java.nio.file.Path;

/**
 * A plugin in native code.
 *
 * <p>A library registers its {@link #greeting()} in its {@code JNI_OnLoad}, so the one loaded last is the one that
 * answers: load, greet, and only then load the next.
 */
final class NativeGreeter implements Greeter {

    NativeGreeter(Path library) {
        System.load(library.toAbsolutePath().toString());
    }

    @Override
    public String greet(String name) {
        return greeting() + ", " + name + ".";
    }

    private static native String greeting();
}
