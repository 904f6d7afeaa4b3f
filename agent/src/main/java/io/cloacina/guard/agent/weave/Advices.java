// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.Bridge;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.Optional;
import java.util.jar.JarFile;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.NullUnmarked;

/**
 * What is put into each entry point, but for those where classes are defined ({@link DefinitionAdvices}). The bodies
 * are copied into JDK methods: they name JDK types and {@link Bridge} only, decide nothing, and suppress nothing.
 */
@NullUnmarked // Bridge says what may be null: annotations here would change the sums that prepared classes go by
final class Advices {

    private Advices() {}

    static final class LoaderMade {
        private LoaderMade() {}

        @Advice.OnMethodExit
        static void exit(@Advice.This ClassLoader loader, @Advice.FieldValue("ucp") Object ucp) {
            Bridge.loaderMade(loader, ucp);
        }
    }

    static final class Root {
        private Root() {}

        @Advice.OnMethodEnter
        static Object enter(@Advice.This Object ucp, @Advice.Argument(0) URL url) {
            return Bridge.rootOpening(ucp, url);
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(@Advice.Enter Object before) {
            Bridge.rootOpened(before);
        }
    }

    static final class Jar {
        private Jar() {}

        @Advice.OnMethodEnter
        static Object enter(@Advice.This Object jarLoader, @Advice.Argument(0) URL url) {
            return Bridge.jarOpening(jarLoader, url);
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(@Advice.Enter Object before, @Advice.Return JarFile jar) throws IOException {
            Bridge.jarOpened(before, jar);
        }
    }

    static final class Directory {
        private Directory() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue(value = "dir", readOnly = false) File dir) {
            dir = Bridge.directoryOpened(dir);
        }
    }

    /**
     * Finds nothing that may not be read. Looks again when the copy has been made again meanwhile; see
     * {@code Gate.directoryMissed}.
     */
    static final class DirectoryRead {
        private DirectoryRead() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(
                @Advice.This Object loader, @Advice.FieldValue("dir") File dir, @Advice.Argument(0) String name) {
            return Bridge.directoryReading(loader, dir, name);
        }

        @Advice.OnMethodExit(repeatOn = Advice.OnNonDefaultValue.class)
        static boolean exit(
                @Advice.FieldValue("dir") File dir,
                @Advice.Argument(0) String name,
                @Advice.Enter boolean skipped,
                @Advice.Return(typing = Assigner.Typing.DYNAMIC) Object resource) {
            return resource == null && !skipped && Bridge.directoryMissed(dir, name);
        }
    }

    /** The same for the directory of a named module. */
    static final class ModuleDirectoryRead {
        private ModuleDirectoryRead() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(
                @Advice.This Object reader, @Advice.FieldValue("dir") Path dir, @Advice.Argument(0) String name) {
            return Bridge.moduleDirectoryReading(reader, dir, name);
        }

        @Advice.OnMethodExit(repeatOn = Advice.OnNonDefaultValue.class)
        static boolean exit(
                @Advice.FieldValue("dir") Path dir,
                @Advice.Argument(0) String name,
                @Advice.Enter boolean skipped,
                @Advice.Return(readOnly = false) Optional<?> found) {
            if (skipped) {
                found = Optional.empty();
                return false;
            }
            return found.isEmpty() && Bridge.moduleDirectoryMissed(dir, name);
        }
    }

    /** All names in it are asked for. */
    static final class ModuleDirectoryList {
        private ModuleDirectoryList() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.This Object reader, @Advice.FieldValue("dir") Path dir) {
            Bridge.moduleDirectoryReading(reader, dir, null);
        }
    }

    static final class Zip {
        private Zip() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 0, readOnly = false) File file, @Advice.Argument(1) boolean toDelete)
                throws IOException {
            file = Bridge.zipOpening(file, toDelete);
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(
                @Advice.Argument(0) File file, @Advice.Return(typing = Assigner.Typing.DYNAMIC) Object source) {
            Bridge.zipOpened(file, source);
        }
    }

    /** What verified is opened from its copy, by code that may read the original. */
    static final class CopyRead {
        private CopyRead() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.Argument(0) String file) {
            return Bridge.isCopy(file);
        }
    }

    static final class ZipClose {
        private ZipClose() {}

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(@Advice.This Object source) {
            Bridge.zipClosed(source);
        }
    }

    static final class ZipFileSystem {
        private ZipFileSystem() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("zfpath") Path archive) {
            Bridge.zipFileSystemMade(archive);
        }
    }

    static final class ZipStream {
        private ZipStream() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) InputStream stream) {
            Bridge.zipStreamMade(stream);
        }
    }

    static final class FindClass {
        private FindClass() {}

        @Advice.OnMethodExit(onThrowable = ClassNotFoundException.class)
        static void exit(@Advice.FieldValue("ucp") Object ucp, @Advice.Thrown Throwable notFound) {
            if (notFound != null) {
                Bridge.classNotFound(ucp, notFound);
            }
        }
    }

    static final class ResourceBytes {
        private ResourceBytes() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return byte[] bytes) {
            Bridge.resourceRead(bytes);
        }
    }

    static final class Native {
        private Native() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(0) Class<?> caller,
                @Advice.Argument(value = 1, readOnly = false) String path,
                @Advice.Argument(2) boolean builtIn) {
            path = Bridge.libraryLoading(caller, path, builtIn);
        }
    }

    static final class ModuleJar {
        private ModuleJar() {}

        @Advice.OnMethodEnter
        static Object enter(@Advice.Argument(value = 0, typing = Assigner.Typing.DYNAMIC) Object path) {
            return Bridge.moduleJarOpening(path.toString());
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(@Advice.Enter Object before) {
            Bridge.moduleJarOpened(before);
        }
    }

    static final class ModuleDirectory {
        private ModuleDirectory() {}

        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue(value = "dir", readOnly = false) Path dir) {
            dir = Bridge.moduleDirectoryOpened(dir);
        }
    }

    static final class ForeignLibrary {
        private ForeignLibrary() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 0, readOnly = false) String name) {
            name = Bridge.foreignLibraryLoading(name);
        }
    }

    static final class AgentJar {
        private AgentJar() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(0) String path) {
            Bridge.agentAppending(path);
        }
    }

    static final class BootAppend {
        private BootAppend() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(0) JarFile jar) {
            Bridge.bootAppending(jar);
        }
    }

    static final class DiagnosticCommand {
        private DiagnosticCommand() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(0) String name, @Advice.Argument(value = 1, readOnly = false) Object[] parameters) {
            parameters = Bridge.diagnosticCommand(name, parameters);
        }
    }
}
