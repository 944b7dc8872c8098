package org.vpns.testing;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/**
 * Puts providers of a service into force for one piece of code, in place of the registered ones.
 */
public final class Providers {
  private Providers() {}

  /** What the code returns that finds exactly the given providers, in their order. */
  @SafeVarargs
  public static <S, T> T with(Callable<T> code, Class<S> service, Class<? extends S>... providers)
      throws Exception {
    Path file = Files.createTempFile("service", ".txt");
    Files.writeString(
        file, Arrays.stream(providers).map(Class::getName).collect(Collectors.joining("\n")));
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(
        new ClassLoader(before) {
          @Override
          public Enumeration<URL> getResources(String name) throws IOException {
            return name.equals("META-INF/services/" + service.getName())
                ? Collections.enumeration(List.of(file.toUri().toURL()))
                : super.getResources(name);
          }
        });
    try {
      return code.call();
    } finally {
      thread.setContextClassLoader(before);
      Files.delete(file);
    }
  }
}
