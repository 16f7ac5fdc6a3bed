# For a tap, as Formula/kubevet.rb.
class Kubevet < Formula
  desc "Judge what Kustomize overlays render to"
  homepage "@REPOSITORY@"
  version "@VERSION@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "@REPOSITORY@/releases/download/v@VERSION@/kubevet-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256:aarch64-apple-darwin@"
    end
    on_intel do
      url "@REPOSITORY@/releases/download/v@VERSION@/kubevet-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256:x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@REPOSITORY@/releases/download/v@VERSION@/kubevet-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "@REPOSITORY@/releases/download/v@VERSION@/kubevet-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "kubevet"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/kubevet.bash" => "kubevet"
    fish_completion.install "completions/kubevet.fish"
    zsh_completion.install "completions/kubevet.zsh" => "_kubevet"
  end

  test do
    (testpath/"kustomization.yaml").write "configMapGenerator: [{name: a, literals: [b=c]}]\n"
    assert_match "kind: ConfigMap", shell_output("#{bin}/kubevet render .")
  end
end
