//! The commands: each asks the server, then prints.

mod demo;
mod replay;
mod start;
mod trading;
mod up;
mod watch;

use crate::args::{Args, Command, Question};
use crate::failure::Failure;
use crate::name::{ResultName, RunName};
use crate::server::{Answer, Server};
use crate::{output, show};

/// Does what the command line says.
pub async fn run(args: Args) -> Result<(), Failure> {
    let key = args.key.as_deref();
    match args.command {
        Command::Demo(demo) => demo::demo(&demo, key, args.json).await,
        Command::Up(up) => up::up(&up).await,
        Command::Ask(question) => {
            let client = Client {
                server: Server::new(&args.server, key)?,
                json: args.json,
            };
            client.ask(question).await
        }
    }
}

/// A server, and how answers are printed.
struct Client {
    server: Server,
    json: bool,
}

impl Client {
    async fn ask(&self, question: Question) -> Result<(), Failure> {
        let server = &self.server;
        match question {
            Question::Start(start) => start::start(self, &start).await,
            Question::Watch { run } => watch::watch(self, server.resolve(run).await?).await,
            Question::Replay(asked) => replay::replay(self, &asked).await,
            Question::Status { run } => self.status(run).await,
            Question::Result { name } => self.result(name).await,
            Question::Runs(filter) => self.print(&server.runs(&filter).await?, show::runs),
            Question::Signals(filter) => self.print(&server.signals(&filter).await?, show::signals),
            Question::Signal { id } => self.signal(id).await,
            Question::Trade(question) => self.ask_about_trades(question).await,
            Question::Cancel { run, reason } => self.cancel(run, reason).await,
            Question::Overview => self.print(&server.overview().await?, |answer| show::overview(&answer.data)),
        }
    }

    /// The data as it came, or the text for people.
    fn print<T>(&self, answer: &Answer<T>, text: impl Fn(&T) -> String) -> Result<(), Failure> {
        if self.json {
            output::json(&answer.data)
        } else {
            output::text(&text(&answer.value))
        }
    }

    async fn status(&self, name: RunName) -> Result<(), Failure> {
        let id = self.server.resolve(name).await?;
        self.print(&self.server.run(id).await?, |answer| show::status(&answer.data))
    }

    async fn result(&self, name: ResultName) -> Result<(), Failure> {
        let answer = self.server.result(name).await?;
        if self.json {
            return output::json(&answer.data);
        }
        let run = self.server.run(answer.value.data.run_id).await?.value.data;
        let warnings = show::warnings(&show::warnings_of(&run));
        output::text(&(show::result(&answer.value.data) + &warnings))
    }

    async fn signal(&self, id: i64) -> Result<(), Failure> {
        let answer = self.server.signal(id).await?;
        if self.json {
            return output::json(&answer.data);
        }
        let comments = self.server.comments(id).await?.value.data;
        output::text(&show::signal(&answer.value.data, &comments))
    }

    async fn cancel(&self, name: RunName, reason: Option<String>) -> Result<(), Failure> {
        let id = self.server.resolve(name).await?;
        let answer = self.server.cancel(id, reason).await?;
        self.print(&answer, |answer| show::canceled(&answer.data))
    }
}
