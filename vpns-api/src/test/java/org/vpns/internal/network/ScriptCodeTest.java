package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

final class ScriptCodeTest {
  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue());
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void of_sourceAndTensors_hasTheDigestOfTheSourceAlone() throws IOException {
    byte[] source = "def forward(self, x): return x".getBytes(StandardCharsets.UTF_8);

    ScriptCode code =
        ScriptCode.of(zip(Map.of("net/code/Net.py", source, "net/data/0", new byte[4])));

    assertThat(code.digests())
        .containsExactly(Map.entry("code/net.py", Hashing.sha256().hashBytes(source).toString()));
  }

  /** 70 kB of an archive that go on for 64 MB. */
  @Test
  void of_archiveThatUnpacksWithoutEnd_isRefusedWithTheFile() throws IOException {
    byte[] bomb = zip(Map.of("net/code/Net.py", new byte[ScriptCode.MOST_UNPACKED + (1 << 20)]));

    assertThat(bomb.length).isLessThan(1 << 20);
    assertThatThrownBy(() -> ScriptCode.of(bomb))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("TorchScript module cannot be read: net/code/Net.py; expected");
  }
}
