// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** The default file system, by paths, a file system and a provider of the application's own, which look whom they serve. */
final class HostileFileSystem extends FileSystem {

    private static final FileSystem REAL = FileSystems.getDefault();

    private final FileSystemProvider provider = new Provider();

    /** A path of this file system. */
    Path wrap(Path real) {
        return (Path) Proxy.newProxyInstance(
                HostileFileSystem.class.getClassLoader(), new Class<?>[] {Path.class}, (self, method, arguments) -> {
                    Onlooker.look("Path." + method.getName());
                    if (method.getName().equals("getFileSystem")) {
                        return this;
                    }
                    Object[] own = arguments == null ? new Object[0] : arguments.clone();
                    for (int i = 0; i < own.length; i++) {
                        own[i] = own[i] instanceof Path path ? unwrap(path) : own[i];
                    }
                    try {
                        Object result = method.invoke(real, own);
                        return result instanceof Path path ? wrap(path) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Path unwrap(Path path) {
        return REAL.getPath(path.toString());
    }

    @Override
    public FileSystemProvider provider() {
        Onlooker.look("FileSystem.provider");
        return provider;
    }

    @Override
    public void close() {
        Onlooker.look("FileSystem.close");
    }

    @Override
    public boolean isOpen() {
        Onlooker.look("FileSystem.isOpen");
        return true;
    }

    @Override
    public boolean isReadOnly() {
        Onlooker.look("FileSystem.isReadOnly");
        return true;
    }

    @Override
    public String getSeparator() {
        Onlooker.look("FileSystem.getSeparator");
        return REAL.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        Onlooker.look("FileSystem.getRootDirectories");
        return REAL.getRootDirectories();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        Onlooker.look("FileSystem.getFileStores");
        return REAL.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        Onlooker.look("FileSystem.supportedFileAttributeViews");
        return REAL.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
        Onlooker.look("FileSystem.getPath");
        return wrap(REAL.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        Onlooker.look("FileSystem.getPathMatcher");
        return REAL.getPathMatcher(pattern);
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        Onlooker.look("FileSystem.getUserPrincipalLookupService");
        return REAL.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() throws IOException {
        Onlooker.look("FileSystem.newWatchService");
        return REAL.newWatchService();
    }

    private final class Provider extends FileSystemProvider {

        @Override
        public String getScheme() {
            return "hostile";
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
            return HostileFileSystem.this;
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            return HostileFileSystem.this;
        }

        @Override
        public Path getPath(URI uri) {
            return wrap(Path.of(uri.getPath()));
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            Onlooker.look("FileSystemProvider.newByteChannel");
            return Files.newByteChannel(unwrap(path), options, attributes);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
                throws IOException {
            Onlooker.look("FileSystemProvider.newDirectoryStream");
            DirectoryStream<Path> real = Files.newDirectoryStream(unwrap(directory), one -> filter.accept(wrap(one)));
            return new DirectoryStream<>() {
                @Override
                public Iterator<Path> iterator() {
                    Iterator<Path> all = real.iterator();
                    return new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return all.hasNext();
                        }

                        @Override
                        public Path next() {
                            return wrap(all.next());
                        }
                    };
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }

        @Override
        public void createDirectory(Path directory, FileAttribute<?>... attributes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(Path path) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isSameFile(Path one, Path other) throws IOException {
            Onlooker.look("FileSystemProvider.isSameFile");
            return Files.isSameFile(unwrap(one), unwrap(other));
        }

        @Override
        public boolean isHidden(Path path) {
            Onlooker.look("FileSystemProvider.isHidden");
            return false;
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException {
            Onlooker.look("FileSystemProvider.getFileStore");
            return Files.getFileStore(unwrap(path));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            Onlooker.look("FileSystemProvider.checkAccess");
            REAL.provider().checkAccess(unwrap(path), modes);
        }

        @Override
        public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
            Onlooker.look("FileSystemProvider.getFileAttributeView");
            return Files.getFileAttributeView(unwrap(path), type, options);
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            Onlooker.look("FileSystemProvider.readAttributes");
            return Files.readAttributes(unwrap(path), type, options);
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
                throws IOException {
            Onlooker.look("FileSystemProvider.readAttributes");
            return Files.readAttributes(unwrap(path), attributes, options);
        }

        @Override
        public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
            throw new UnsupportedOperationException();
        }
    }
}
