//! A conversation read by two voices: Google's own, in a client's `extra_body`.

use std::borrow::Cow;

use super::write_voice;
use crate::error::{Result, invalid};
use crate::gemini::google::either;
use crate::json::{Value, Writer, member};

/// The prebuilt voice of a speech or a speaker.
pub(super) fn voice_name(of: Value<'_>) -> Option<Cow<'_, str>> {
    let config = either(of, ["voice_config", "voiceConfig"])?;
    let prebuilt = either(config, ["prebuilt_voice_config", "prebuiltVoiceConfig"])?;
    let name = either(prebuilt, ["voice_name", "voiceName"])?;
    Some(name).filter(|it| it.is_string())?.as_str()
}

/// Google takes exactly two.
pub(super) fn write_speakers(out: &mut Writer, config: Value<'_>) -> Result<()> {
    let speakers = either(config, ["speaker_voice_configs", "speakerVoiceConfigs"]);
    let speakers = speakers.into_iter().flat_map(Value::elements).take(3);
    let speakers: Option<Vec<_>> = speakers.map(speaker).collect();
    let Some([first, second]) = speakers.as_deref() else {
        let wanted = "two speakers, each with a 'speaker' and a 'voice_config'";
        return Err(invalid("speech_config", wanted));
    };
    out.open_member("multiSpeakerVoiceConfig");
    out.open_list("speakerVoiceConfigs");
    for (name, voice) in [first, second] {
        out.open();
        out.raw("speaker", name.raw());
        write_voice(out, voice);
        out.close();
    }
    out.close_list();
    out.close();
    Ok(())
}

fn speaker(speaker: Value<'_>) -> Option<(Value<'_>, Cow<'_, str>)> {
    let name = member(speaker, "speaker").filter(|it| it.is_string())?;
    Some((name, voice_name(speaker)?))
}
