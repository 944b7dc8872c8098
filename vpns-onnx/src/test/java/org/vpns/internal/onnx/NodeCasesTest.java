package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ONNX project's own test cases; see the README beside them. */
final class NodeCasesTest {
  static Stream<NodeCase> cases() throws IOException {
    Map<String, Map<String, byte[]>> files = new LinkedHashMap<>();
    try (InputStream resource =
            Objects.requireNonNull(
                NodeCasesTest.class.getResourceAsStream("/onnx-node-cases/cases.tar.gz"));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(resource))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          String[] path = entry.getName().split("/", -1);
          files
              .computeIfAbsent(path[0], name -> new LinkedHashMap<>())
              .put(path[1], tar.readAllBytes());
        }
      }
    }
    return files.entrySet().stream().map(each -> new NodeCase(each.getKey(), each.getValue()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nodeCase_ofTheOnnxProject_givesTheExpectedOutputs(NodeCase nodeCase) throws IOException {
    check(nodeCase, nodeCase.run());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void nodeCase_withAllInputsButTheFirstInTheFile_givesTheSame(NodeCase nodeCase)
      throws IOException {
    check(nodeCase, nodeCase.frozen().run());
  }

  private static void check(NodeCase nodeCase, List<HostTensor> actual) throws IOException {
    List<HostTensor> expected = nodeCase.expected();
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      // a few operations in single precision, in another order: some units of 6e-8
      assertThat(NodeCase.difference(actual.get(i), expected.get(i), 1e-5)).isEmpty();
    }
  }

  @Test
  void cases_coverAllOperatorsOfTheirTime() throws IOException {
    TreeSet<String> untested = new TreeSet<>();
    OnnxReader.operators().forEach(untested::add);
    for (NodeCase each : cases().toList()) {
      untested.removeAll(each.model().operators().keySet());
    }
    // younger than these cases, ArithmeticOperatorsTest has them; an If of theirs has no image;
    // ConstantFill was never a part of the standard
    assertThat(untested)
        .containsExactly("ConstantFill", "Gelu", "GroupNormalization", "If", "Mish");
  }
}
