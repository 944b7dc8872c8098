package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.data.ImageTable;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.graph.GraphBlock;
import org.vpns.predict.PrunedModel;
import org.vpns.train.Splits;

/** What the README shows is what is compiled and run. */
class ReadmeTest {
  private static final Path ROOT = Path.of(System.getProperty("vpns.root", ".."));
  private static final Path PACKAGE = Path.of("java/org/vpns/examples");

  private static List<String> blocks(String language) throws Exception {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(ROOT.resolve("README.md")));
    List<String> found = new ArrayList<>();
    while (block.find()) {
      found.add(block.group(1));
    }
    return found;
  }

  private static String region(String sources, String file, String name) throws Exception {
    String text =
        Files.readString(
            ROOT.resolve("vpns-examples/src").resolve(sources).resolve(PACKAGE).resolve(file));
    Matcher region =
        Pattern.compile("( *)// README: " + name + "\n(.*?) *// README: end", Pattern.DOTALL)
            .matcher(text);
    assertThat(region.find()).as(file + ", region " + name).isTrue();
    return region.group(2).replaceAll("(?m)^" + region.group(1), "");
  }

  @Test
  void javaBlocks_allOfThem_areRegionsOfCompiledFiles() throws Exception {
    assertThat(blocks("java"))
        .containsExactly(
            region("test", "ReadmeExample.java", "prune"),
            region("main", "PredictDigit.java", "predict"));
  }

  @Test
  void commands_first_areQuickStartAndTests() throws Exception {
    assertThat(blocks("sh").get(0).lines().map(line -> line.replaceAll(" +#.*", "")))
        .containsExactly("mvn -q -Pquickstart verify", "mvn verify");
  }

  @Test
  void links_toFiles_lead() throws Exception {
    Matcher link =
        Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(Files.readString(ROOT.resolve("README.md")));
    int links = 0;
    while (link.find()) {
      links++;
      assertThat(ROOT.resolve(link.group(1))).exists();
    }
    assertThat(links).isGreaterThan(3);
  }

  @Test
  void firstExample_onDigits_savesAModelThatLoads(@TempDir Path folder) throws Exception {
    ImageTable.Split split = OpticalDigits.split(3);
    try (Model model = SourceNetwork.load()) {
      Splits images =
          Splits.of(split.train().head(64).toDataset(model.getNDManager()), 10)
              .test(split.test().head(50).toDataset(model.getNDManager()));
      ReadmeExample.prune(model, images, folder);
    }
    try (PrunedModel pruned = PrunedModel.load(folder)) {
      assertThat(pruned.model().getBlock()).isInstanceOf(GraphBlock.class);
      assertThat(pruned.masks().kept()).isEqualTo(3_854);
      assertThat(pruned.prompt()).isNotNull();
    }
  }
}
